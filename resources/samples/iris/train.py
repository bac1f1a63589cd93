"""Train a classifier of iris flowers and log how it learns.

    python train.py --kernel poly --penalty 0.5

The kernel is approximated with a few landmarks, so that the classifier can learn epoch by epoch and every epoch
can be logged.
"""

import argparse
import json
import os
import time

import joblib
import numpy as np
import sklearn
from sklearn import datasets
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import accuracy_score, confusion_matrix, log_loss
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

try:
    from azureml.core.run import Run
except ImportError:  # outside Desktop AML and without its azureml: print what would be logged

    class Run:
        @classmethod
        def get_context(cls):
            return cls()

        def __getattr__(self, act):
            return lambda name, value=None, **more: print(act, name, "" if value is None else value)


def parse_arguments():
    parser = argparse.ArgumentParser(description="Train a classifier of iris flowers.")
    parser.add_argument(
        "--kernel", choices=["linear", "rbf", "poly"], default="rbf", help="kernel that separates the classes"
    )
    parser.add_argument("--penalty", type=float, default=1.0, help="strength of regularisation; more is smoother")
    parser.add_argument("--epochs", type=int, default=40, help="how many times to go through the training data")
    parser.add_argument("--test-size", type=float, default=0.3, help="share of the flowers kept aside for testing")
    parser.add_argument("--seed", type=int, default=0, help="makes the split and the training repeatable")
    parser.add_argument(
        "--pause", type=float, default=0.05, help="seconds to rest after each epoch, so that the plots can be watched"
    )
    return parser.parse_args()


def draw_confusion_matrix(matrix, labels, path):
    """Save a picture of the matrix; tell whether that was possible."""
    try:
        import matplotlib
    except ImportError:
        print("matplotlib is not installed: no picture of the confusion matrix")
        return False
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from sklearn.metrics import ConfusionMatrixDisplay

    ConfusionMatrixDisplay(matrix, display_labels=labels).plot(cmap="Blues", colorbar=False)
    plt.title("Confusion matrix")
    plt.savefig(path, dpi=100, bbox_inches="tight")
    plt.close()
    return True


def main():
    args = parse_arguments()
    run = Run.get_context()
    run.log("Kernel type", args.kernel)
    run.log("Penalty", args.penalty)

    iris = datasets.load_iris()
    labels = iris.target_names
    X_train, X_test, y_train, y_test = train_test_split(
        iris.data, labels[iris.target], test_size=args.test_size, random_state=args.seed, stratify=iris.target
    )
    print("Training on {} flowers, testing on {}".format(len(X_train), len(X_test)))

    scaler = StandardScaler().fit(X_train)
    kernel = Nystroem(kernel=args.kernel, n_components=30, random_state=args.seed)
    kernel.fit(scaler.transform(X_train))
    # scikit-learn before 1.1 calls the logistic loss "log".
    is_old = tuple(int(part) for part in sklearn.__version__.split(".")[:2]) < (1, 1)
    classifier = SGDClassifier(
        loss="log" if is_old else "log_loss", alpha=args.penalty * 1e-3, learning_rate="constant", eta0=0.05, random_state=args.seed
    )
    model = make_pipeline(scaler, kernel, classifier)

    features = model[:-1].transform(X_train)
    order = np.random.RandomState(args.seed)
    for epoch in range(1, args.epochs + 1):
        shuffled = order.permutation(len(features))
        classifier.partial_fit(features[shuffled], y_train[shuffled], classes=labels)
        loss = log_loss(y_test, model.predict_proba(X_test), labels=labels)
        accuracy = accuracy_score(y_test, model.predict(X_test))
        run.log("loss", float(loss))
        run.log("accuracy", float(accuracy))
        if epoch % 10 == 0 or epoch == args.epochs:
            print("epoch {:3d}  loss {:.4f}  accuracy {:.4f}".format(epoch, loss, accuracy))
        time.sleep(args.pause)

    matrix = confusion_matrix(y_test, model.predict(X_test), labels=labels)
    print(matrix)
    run.log("Accuracy", float(accuracy))

    # Files in ./outputs are kept with the run.
    os.makedirs("outputs", exist_ok=True)
    if draw_confusion_matrix(matrix, labels, "outputs/confusion_matrix.png"):
        run.log_image("Confusion matrix", path="outputs/confusion_matrix.png")
    joblib.dump(model, "outputs/model.joblib")
    # Rows to try the model with once it is served: they name and fill the form of its endpoint.
    with open("outputs/sample_input.json", "w") as file:
        json.dump({"columns": list(iris.feature_names), "data": X_test[:5].tolist()}, file)
    print("Saved outputs/model.joblib")


if __name__ == "__main__":
    main()
