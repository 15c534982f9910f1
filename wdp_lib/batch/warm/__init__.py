"""Warm kernels: ordinary Python kernels, forked from a process that has imported everything.

``provisioner`` is what Jupyter finds under the kernel's name; ``pool`` and ``forked`` are the
client's side; ``__main__``, ``ready``, ``server`` and ``child`` are the warm process and what
becomes of its fork.
"""
