"""Tell three kinds of wine apart: plain scikit-learn, nothing logged, no Azure ML in sight."""

import os

import joblib
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

wine = load_wine()
X_train, X_test, y_train, y_test = train_test_split(
    wine.data, wine.target, test_size=0.25, random_state=0, stratify=wine.target
)
model = RandomForestClassifier(n_estimators=100, random_state=0).fit(X_train, y_train)
print(classification_report(y_test, model.predict(X_test), target_names=wine.target_names))

os.makedirs("outputs", exist_ok=True)
joblib.dump(model, "outputs/model.joblib")
