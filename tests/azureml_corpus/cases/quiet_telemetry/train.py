# Idiom of notebooks turned scripts: telemetry switched, versions printed, everything imported from azureml.core.
import azureml.core
from azureml.core import VERSION, Dataset, Datastore, Environment, Experiment, Model, Run, ScriptRunConfig, Workspace
from azureml.telemetry import set_diagnostics_collection
from sklearn.datasets import load_iris
from sklearn.naive_bayes import GaussianNB

set_diagnostics_collection(send_diagnostics=True)
print('SDK version', azureml.core.VERSION, VERSION == azureml.core.VERSION)

run = Run.get_context()
X, y = load_iris(return_X_y=True)
run.log('accuracy', GaussianNB().fit(X, y).score(X, y))
run.display_name = 'bayes'
