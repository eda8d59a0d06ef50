"""Warm processes: the libraries are imported once, and each process that needs them is forked from that one.

Most of what a short notebook takes is spent before its first cell: a kernel starts, and imports pandas, scikit-learn and
matplotlib anew. A *zygote* (``zygote``) has imported them and does nothing else. Asked over a socket, it forks a child,
which takes on the arguments, environment, folder and descriptors that a new process would have been started with
(``child``), makes anew what libraries decided or drew at import (``anew``), and runs a module as ``python -m`` would.
Nothing that Jupyter owns is in there; ``provisioner`` and ``kernel`` make a kernel of it, ``preload`` says what a lesson
imports, ``owned`` and ``keeper`` start a zygote, ``process`` asks one for a child.

What makes this sound is that the zygote imports and never computes: no thread, no OpenMP region, no BLAS product before the
fork. It serves only requests for its own interpreter whose environment differs from its own in variables that no library
reads at import; any other is refused, and the caller starts a cold process. Needs Linux; elsewhere everything is cold.
"""
