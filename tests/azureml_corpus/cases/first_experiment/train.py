# Idiom of sample 06: the first experiment of a newcomer, in one notebook: three runs, the best model fetched.
import math

import joblib
from azureml.core import Experiment, Workspace
from azureml.core.run import Run
from azureml.opendatasets import Diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

ws = Workspace.from_config()
experiment = Experiment(workspace=ws, name='diabetes-experiment')

x_df = Diabetes.get_tabular_dataset().to_pandas_dataframe().dropna()
y_df = x_df.pop('Y')
X_train, X_test, y_train, y_test = train_test_split(x_df, y_df, test_size=0.2, random_state=66)

for alpha in [0.1, 0.5, 0.9]:
    run = experiment.start_logging()
    run.log('alpha_value', alpha)
    model = Ridge(alpha=alpha)
    model.fit(X=X_train, y=y_train)
    rmse = math.sqrt(mean_squared_error(y_true=y_test, y_pred=model.predict(X=X_test)))
    run.log('rmse', rmse)
    model_name = 'model_alpha_' + str(alpha) + '.pkl'
    filename = 'outputs/' + model_name
    joblib.dump(value=model, filename=filename)
    run.upload_file(name=model_name, path_or_stream=filename)
    run.complete()

minimum_rmse_runid = None
minimum_rmse = None
for run in experiment.get_runs():
    run_metrics = run.get_metrics()
    run_rmse = run_metrics['rmse']
    if minimum_rmse is None or run_rmse < minimum_rmse:
        minimum_rmse = run_rmse
        minimum_rmse_runid = run.get_details()['runId']

best_run = Run(experiment=experiment, run_id=minimum_rmse_runid)
best_name = [name for name in best_run.get_file_names() if name.startswith('model_')][0]
best_run.download_file(name=best_name, output_file_path='best.pkl')
print('best', best_name, best_run.get_metrics()['alpha_value'], joblib.load('best.pkl').alpha)
print(experiment)
