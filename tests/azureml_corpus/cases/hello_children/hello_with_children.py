# Idiom of sample 08: a script that makes child runs and logs to each.
from azureml.core import Run

run = Run.get_context()

child_runs = run.create_children(count=3)
for index, child in enumerate(child_runs):
    child.log(name='Hello from child run', value=index)
    child.complete()

with run.child_run(name='named') as named:
    named.log('inside', True)

run.log('children', len(child_runs))
