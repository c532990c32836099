"""What another playbook would have said: the real history decided upon again, beside what is in force.

`past` reads the history, from scoring's database or from the topics; `replay` decides about each contact under a
playbook; `comparison` counts who changes side between two; `run` does all that and writes it down.
"""
