# Idiom of scripts that also run at a desk: an offline run is recognised by its id and asked for nothing more.
from azureml.core import Run
from azureml.core.run import _OfflineRun
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

run = Run.get_context()
if run.id.startswith('OfflineRun'):
    assert isinstance(run, _OfflineRun)
    where = 'desk'
else:
    where = run.experiment.name
X, y = load_iris(return_X_y=True)
model = LogisticRegression(max_iter=500).fit(X, y)
run.log('accuracy', model.score(X, y))
run.log_list('classes', [0, 1, 2])
try:
    run.experiment
except AttributeError:
    print('no experiment here')
with run.child_run('fold') as fold:
    fold.log('n', 1)
run.complete()
print('ran at', where)
