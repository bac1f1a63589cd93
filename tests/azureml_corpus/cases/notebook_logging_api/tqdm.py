# Stands in for the progress bar that the notebooks import.


def tqdm(values):
    return values
