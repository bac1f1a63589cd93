# Idiom of sample 24: an open data set, registered, mounted, and a model registered from the run.
import os

from azureml.core import Dataset, Experiment, ScriptRunConfig, Workspace
from azureml.opendatasets import MNIST

ws = Workspace.from_config()
exp = Experiment(workspace=ws, name='Tutorial-sklearn-mnist')
data_folder = os.path.join(os.getcwd(), 'data')
os.makedirs(data_folder, exist_ok=True)
mnist_file_dataset = MNIST.get_file_dataset()
mnist_file_dataset.download(data_folder, overwrite=True)
mnist_file_dataset = mnist_file_dataset.register(workspace=ws, name='mnist_opendataset',
                                                 description='training and test dataset', create_new_version=True)
args = ['--data-folder', mnist_file_dataset.as_mount(), '--regularization', 0.5]
src = ScriptRunConfig(source_directory='src', script='train.py', arguments=args, compute_target='local')
run = exp.submit(config=src)
run.wait_for_completion(show_output=False)
print(run.get_metrics())
model = run.register_model(model_name='sklearn_mnist', model_path='outputs/sklearn_mnist_model.pkl')
print(model.name, model.id, model.version, sep='\t')
