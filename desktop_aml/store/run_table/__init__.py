"""What the runs table reads of the database: positions, pages, and what runs differ in. It writes nothing."""
