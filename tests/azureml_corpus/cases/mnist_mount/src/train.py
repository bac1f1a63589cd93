import argparse
import glob
import os

import joblib
import numpy as np
from azureml.core import Run
from sklearn.linear_model import LogisticRegression

from digit_files import load_data

parser = argparse.ArgumentParser()
parser.add_argument('--data-folder', type=str, dest='data_folder', help='data folder mounting point')
parser.add_argument('--regularization', type=float, dest='reg', default=0.01, help='regularization rate')
args = parser.parse_args()

data_folder = args.data_folder
print('Data folder:', data_folder)


def find(name):
    return glob.glob(os.path.join(data_folder, '**/' + name), recursive=True)[0]


X_train = load_data(find('train-images-idx3-ubyte.gz'), False) / 255.0
X_test = load_data(find('t10k-images-idx3-ubyte.gz'), False) / 255.0
y_train = load_data(find('train-labels-idx1-ubyte.gz'), True).reshape(-1)
y_test = load_data(find('t10k-labels-idx1-ubyte.gz'), True).reshape(-1)
run = Run.get_context()
clf = LogisticRegression(C=1.0 / args.reg, random_state=42, max_iter=200)
clf.fit(X_train[:300], y_train[:300])
acc = np.average(clf.predict(X_test) == y_test)
run.log('regularization rate', np.float64(args.reg))
run.log('accuracy', np.float64(acc))
joblib.dump(value=clf, filename='outputs/sklearn_mnist_model.pkl')
