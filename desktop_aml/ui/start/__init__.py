"""The start of the window: one application, its signals, its log. Imports every other room; nothing imports it."""
