"""Array libraries that a program may run on: numpy in `arrays`, PyTorch on the CPU in `torch_arrays`."""
