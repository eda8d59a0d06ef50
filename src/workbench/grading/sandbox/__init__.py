"""Where a student's code runs: in a process forked from one that has the libraries loaded, behind several walls.

::

    Forker ── zygote (in bubblewrap: the view, no network) ──fork──► monitor ──fork──► student
       │                                                              │ watches time,    │ pid 1 of its namespaces, Landlock,
       └── Room: channel to the student, ending from the monitor ◄────┘ memory, tasks    │ seccomp, no privilege at all

``forker`` (with ``room`` and ``ending``) is what others use; ``view`` says what may be read; ``limits`` what may be taken;
``tiers`` which walls this machine offers, found out by putting them up around ``probe``. ``monitor``, ``usage``, ``scratch``
and ``lockdown`` run in the children, ``zygote`` is their parent; ``kernel``, ``landlock``, ``seccomp``, ``privilege``,
``bubblewrap``, ``cgroup`` and ``turn`` are one mechanism each.

What is behind which wall, in the tier of namespaces and in that of Landlock:

=====================  ================================================  =============================================
other processes        a pid namespace of its own, in the zygote's       Landlock's signal scope; one submission at a time
files                  a view of read-only mounts, sized scratch, and    Landlock; modes and times by refused calls; the
                       Landlock                                          scratch folder is looked at
network, services      an empty network namespace; no socket can be      no socket can be made but pairs
                       made but pairs
root                   an unprivileged user without privileges           the same
the kernel             calls that nothing here needs are refused         the same
time, memory, tasks    the monitor, a control group where there can      the same
                       be one, bounds of each process
=====================  ================================================  =============================================
"""
