"""What every part of the engine works with: the unit of work, the owner lock, the spool, builds."""
