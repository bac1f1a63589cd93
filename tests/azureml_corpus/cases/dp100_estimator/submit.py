# Idiom of the DP-100 labs of 2020: an Estimator with arguments, the widget, the model registered from the run.
import azureml.core
from azureml.core import Experiment, Model, Workspace
from azureml.train.estimator import Estimator
from azureml.train.sklearn import SKLearn
from azureml.widgets import RunDetails

ws = Workspace.from_config()
print('Ready to use Azure ML {} to work with {}'.format(azureml.core.VERSION, ws.name))
for kind in (Estimator, SKLearn):
    estimator = kind(source_directory='training',
                     entry_script='diabetes_training.py',
                     script_params={'--reg-rate': 0.1},
                     compute_target='local',
                     use_docker=False)
    experiment = Experiment(workspace=ws, name='diabetes-training')
    run = experiment.submit(config=estimator)
    RunDetails(run).show()
    run.wait_for_completion()
metrics = run.get_metrics()
for key in metrics.keys():
    print(key, metrics.get(key))
print('\n')
for file in run.get_file_names():
    print(file)
run.register_model(model_path='outputs/diabetes_model.pkl', model_name='diabetes_model',
                   tags={'Training context': 'Parameterized Estimator'},
                   properties={'AUC': run.get_metrics()['AUC'], 'Accuracy': run.get_metrics()['Accuracy']})
for model in Model.list(ws):
    print(model.name, 'version:', model.version)
    for tag_name in model.tags:
        print('\t', tag_name, ':', model.tags[tag_name])
    for prop_name in model.properties:
        print('\t', prop_name, ':', model.properties[prop_name])
