# Idiom of "with run:": files written to ./outputs and ./logs, a failure that is told with fail() and caught.
import os
import pickle

from azureml.core import Run
from azureml.exceptions import UserErrorException
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier

os.makedirs('logs', exist_ok=True)
with Run.get_context() as run:
    X, y = load_digits(return_X_y=True)
    knn = KNeighborsClassifier(3).fit(X[:1000], y[:1000])
    run.log('accuracy', knn.score(X[1000:], y[1000:]))
    with open('outputs/knn.pkl', 'wb') as out:
        pickle.dump(knn, out)
    with open('logs/notes.txt', 'w') as out:
        out.write('three neighbours')
    try:
        run.log('several', [1, 2])
    except UserErrorException as error:
        print('refused:', error.message)
