"""How a script talks to Desktop AML from inside its run: files in the run's folder, no network.

Standard library only, Python 3.6 to 3.13. This package must not print, start threads or change the process.
"""
