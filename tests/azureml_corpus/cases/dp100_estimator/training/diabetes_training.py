# Idiom of samples that log a confusion matrix: the schema as a dict, then as text with an older version word.
import argparse
import json

import joblib
import numpy as np
import os
import pandas as pd
from azureml.core import Run
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix, roc_auc_score
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument('--reg-rate', '--regularization', type=float, dest='reg', default=0.01)
args = parser.parse_args()

run = Run.get_context(allow_offline=True)
frame = pd.read_csv('patients.csv')
X, y = frame[['Pregnancies', 'BMI', 'Age']].values, frame['Diabetic'].values
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.30, random_state=0)

run.log('Regularization Rate', np.float64(args.reg))
model = LogisticRegression(C=1 / args.reg, solver='liblinear').fit(X_train, y_train)
y_hat = model.predict(X_test)
acc = np.average(y_hat == y_test)
run.log('Accuracy', acc)
run.log('AUC', roc_auc_score(y_test, model.predict_proba(X_test)[:, 1]))

matrix = confusion_matrix(y_test, y_hat)
value = {
    'schema_type': 'confusion_matrix',
    'schema_version': 'v1',
    'data': {'class_labels': ['no', 'yes'], 'matrix': matrix.tolist()},
}
run.log_confusion_matrix('by diagnosis', value)
run.log_confusion_matrix('as text', json.dumps(value))

os.makedirs('outputs', exist_ok=True)
joblib.dump(value=model, filename='outputs/diabetes_model.pkl')
run.complete()
