"""What Linux alone offers, a module for each contract of the room above; nothing else imports these."""
