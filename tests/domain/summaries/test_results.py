from desktop_aml.domain.summaries.results import is_result, likeliest_first


def test_records_of_how_a_run_went_are_no_results() -> None:
    assert is_result("outputs/model.joblib")
    assert is_result("metrics.json")
    assert not is_result("logs/std_log.txt")
    assert not is_result("azureml-logs/process_info.json")


def test_records_of_how_a_run_went_come_after_everything_else() -> None:
    paths = ["user_logs/std_log.txt", "azureml-logs/70_driver_log.txt", "zebra.csv", "outputs/z.joblib", "a.csv"]
    assert sorted(paths, key=likeliest_first) == [
        "outputs/z.joblib", "a.csv", "zebra.csv", "azureml-logs/70_driver_log.txt", "user_logs/std_log.txt",
    ]  # fmt: skip
