# Idiom of the Udacity project: a table behind an address, cleaned by hand, a model in ./outputs that nobody made.
import argparse

import joblib
import numpy as np
import pandas as pd
from azureml.core.run import Run
from azureml.data.dataset_factory import TabularDatasetFactory
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split


def clean_data(data):
    jobs = {'admin': 1, 'technician': 2, 'retired': 3}
    x_df = data.to_pandas_dataframe().dropna()
    x_df['job'] = x_df.job.map(jobs)
    x_df['married'] = x_df.marital.apply(lambda s: 1 if s == 'married' else 0)
    x_df.drop('marital', inplace=True, axis=1)
    y_df = x_df.pop('y').apply(lambda s: 1 if s == 'yes' else 0)
    return x_df, y_df


ds = TabularDatasetFactory.from_delimited_files(path='https://example.org/marketing/bank.csv')
x, y = clean_data(ds)
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=1)
run = Run.get_context()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--C', type=float, default=1.0, help='Inverse of the regularization strength')
    parser.add_argument('--max_iter', type=int, default=100, help='Largest number of iterations')
    args = parser.parse_args()
    run.log('Regularization Strength:', np.float64(args.C))
    run.log('Max iterations:', np.int64(args.max_iter))
    model = LogisticRegression(C=args.C, max_iter=args.max_iter).fit(x_train, y_train)
    run.log('Accuracy', np.float64(model.score(x_test, y_test)))
    joblib.dump(model, './outputs/model.pkl')


if __name__ == '__main__':
    main()
