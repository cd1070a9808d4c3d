"""Inputs that nobody should write, thrown at every command: ``make fuzz``.

Each input is a small good file that was changed, or a command line with values that are none. It
runs in a process forked from one that has everything imported, with 10 s of processor time and
1 GiB beyond what that holds. What may come out is a result, or one line that says what is wrong;
:mod:`tests.fuzz.judging` lists what may not.
"""
