# Idiom of the DP-100 labs: a CSV beside the script, pandas, a picture, lists and rows of NumPy values.
import os

import matplotlib
matplotlib.use('Agg')
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from azureml.core import Run

run = Run.get_context()

data = pd.read_csv('patients.csv')
row_count = (len(data))
run.log('observations', row_count)
print('Looking at {} rows'.format(row_count))

counts = data['Diabetic'].value_counts()
fig = plt.figure(figsize=(4, 4))
ax = fig.gca()
counts.plot.bar(ax=ax)
ax.set_title('Patients by diagnosis')
run.log_image(name='label distribution', plot=fig)
plt.close(fig)

run.log_list('pregnancy categories', data.Pregnancies.unique())
for column in ['Age', 'BMI']:
    summary = data[column].describe()
    run.log_row(column, mean=summary['mean'], biggest=np.max(data[column]))
run.log('oldest', data['Age'].max())

os.makedirs('outputs', exist_ok=True)
data.sample(5, random_state=1).to_csv('outputs/sample.csv', index=False, header=True)
run.complete()
