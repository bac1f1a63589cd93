"""What POSIX systems offer, a module for each contract of the room above; nothing else imports these."""
