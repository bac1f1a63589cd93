import argparse
import glob
import os

import pandas as pd
from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument('--input-data', type=str, dest='dataset_folder', help='data mount point')
args = parser.parse_args()
run = Run.get_context()
data_path = run.input_datasets['training_files']
assert data_path == args.dataset_folder
all_files = glob.glob(data_path + '/*.csv')
frame = pd.concat((pd.read_csv(f) for f in all_files), sort=False)
run.log('files', len(all_files))
run.log('rows', len(frame))
