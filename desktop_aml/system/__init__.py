"""What differs between operating systems: files that survive a power cut, locks, processes.

The one room that calls the system for these; it knows nothing of runs or workspaces and imports nothing of ours. Each
module is a contract; what only one system has lies in a module of that system behind it, in `posix`, `linux` or
`windows`, and `tests/system` holds every module that can run here to the same suite. Nothing is claimed for systems on
which that suite was not run.
"""
