"""What Windows offers, a module for each contract of the room above; nothing else imports these.

None of them was run anywhere yet. What is not written raises `NotOnThisSystem`.
"""
