# Idiom of sample "MLOps train-sklearn": joblib from sklearn.externals, the run's parent, a model in ./outputs.
import os
import sys

import numpy as np
from azureml.core import Run
from sklearn.datasets import load_diabetes
from sklearn.externals import joblib
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split

run = Run.get_context()
print('Python', sys.version)

X, y = load_diabetes(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
data = {'train': {'X': X_train, 'y': y_train}, 'test': {'X': X_test, 'y': y_test}}

alpha = float(sys.argv[1]) if len(sys.argv) > 1 else 0.03
reg = Ridge(alpha=alpha)
reg.fit(data['train']['X'], data['train']['y'])
preds = reg.predict(data['test']['X'])

mse = mean_squared_error(preds, data['test']['y'])
run.log('alpha', alpha)
run.log('mse', mse)
run.log('rounded', np.int64(round(mse)))

model_file_name = 'sklearn_regression_model.pkl'
os.makedirs('./outputs', exist_ok=True)
with open(model_file_name, 'wb') as file:
    joblib.dump(value=reg, filename=os.path.join('./outputs/', model_file_name))
run.parent
run.tag('status', 'trained')
print('Mean squared error', mse)
