"""What is random and long, with a seed: kills, power cuts, poison, full disks, hostile processes, a soak, fuzz.

Started by ``make campaign``, not by pytest. Every part says what it did in numbers; a finding makes the exit code 1.
"""
