# Idiom of sample 01/02: argparse, SVC, NumPy's old aliases, joblib into ./outputs.
import argparse
import os

import joblib
import numpy as np
from sklearn import datasets
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

from azureml.core.run import Run

run = Run.get_context()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--kernel', type=str, default='linear', help='Kernel of the support vectors')
    parser.add_argument('--penalty', type=float, default=1.0, help='Penalty of the error term')
    args = parser.parse_args()
    run.log('Kernel type', np.str(args.kernel))
    run.log('Penalty', np.float(args.penalty))

    flowers = datasets.load_iris()
    X_train, X_test, y_train, y_test = train_test_split(flowers.data, flowers.target, random_state=0)

    svm = SVC(kernel=args.kernel, C=args.penalty).fit(X_train, y_train)
    predicted = svm.predict(X_test)

    accuracy = svm.score(X_test, y_test)
    print('Accuracy on the held out flowers: {:.2f}'.format(accuracy))
    run.log('Accuracy', np.float(accuracy))
    print(confusion_matrix(y_test, predicted))

    os.makedirs('outputs', exist_ok=True)
    joblib.dump(svm, 'outputs/model.joblib')


if __name__ == '__main__':
    main()
