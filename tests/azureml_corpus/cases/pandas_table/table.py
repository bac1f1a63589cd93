# Idiom of samples with register_pandas_dataframe: a table made in memory, cleaned, split, used again by name.
import pandas as pd
from azureml.core import Dataset, Workspace
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression

ws = Workspace.from_config()
datastore = ws.get_default_datastore()
wine = load_wine()
frame = pd.DataFrame(wine.data, columns=wine.feature_names)
frame['target'] = wine.target
dataset = Dataset.Tabular.register_pandas_dataframe(frame, target=(datastore, 'wine'), name='wine table', show_progress=False)
found = Dataset.get_by_name(ws, name='wine table')
train, test = found.random_split(percentage=0.8, seed=223)
train_df, test_df = train.to_pandas_dataframe(), test.to_pandas_dataframe()
assert len(train_df) + len(test_df) == 178, (len(train_df), len(test_df))
X, y = train_df.drop(columns=['target']), train_df['target']
model = LogisticRegression(max_iter=5000).fit(X, y)
print('score', model.score(test_df.drop(columns=['target']), test_df['target']) > 0.8)
strong = found.filter(found['alcohol'] > 14.0).keep_columns(['alcohol', 'target'])
print('strong', len(strong.to_pandas_dataframe()), list(strong.to_pandas_dataframe().columns))
print(dataset.name, dataset.version, sorted(Dataset.get_all(ws)))
