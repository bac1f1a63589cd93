"""What this computer has to give: cores, memory, GPUs."""
