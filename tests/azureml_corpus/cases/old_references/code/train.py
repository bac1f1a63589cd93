import argparse
import os

import pandas as pd
from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument('--data-folder', type=str, dest='data_folder')
args = parser.parse_args()
run = Run.get_context()
run.log('rows', len(pd.read_csv(os.path.join(args.data_folder, 'patients.csv'))))
