"""Array libraries that a program may run on: numpy in `arrays`, PyTorch on the CPU in `torch_arrays`.

`arrays` says what a library is asked for: the functions of lines, how arrays are made, what it notices of numbers that
are not finite. torch is imported only if asked for.
"""
