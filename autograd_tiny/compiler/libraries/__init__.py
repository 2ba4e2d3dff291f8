"""The array libraries that a program may run on: numpy, and PyTorch on the CPU."""
