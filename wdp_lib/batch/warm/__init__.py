"""Warm kernels: ordinary Python kernels, forked from a process that has imported everything.

``provisioner`` is what Jupyter finds under the kernel's name; ``client`` is the client's side;
``__main__``, ``server`` and ``child`` are the warm process and what becomes of its fork.
"""
