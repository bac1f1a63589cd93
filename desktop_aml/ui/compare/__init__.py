"""Runs side by side: values, curves, code, packages. Shows what differs; decides nothing about runs."""
