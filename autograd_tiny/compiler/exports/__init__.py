"""Programs that leave: as a file, and in the words of other tools.

`structures` and `description` are what a program is as data, which `describing` makes of it; `travelling` makes it
run again elsewhere; `tensors` tells the array program as a straight line of whole tensors, which the writers put into
words: `numpy_module`, `c_source`, `onnx_model`, `torch_module`, `jax_function`; `sympy_expression` runs the rules on
symbols. `ways` has the methods.
"""
