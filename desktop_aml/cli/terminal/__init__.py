"""What a person at a terminal sees: tables that fit it and a line that shows progress. Pipes never come here.

`rich` draws both; it is imported when the first of them is drawn, since most commands draw neither.
"""
