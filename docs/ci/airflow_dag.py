"""Checks the data of a connection before the tasks that need it.

Needs dqoctl on the workers, and a connection "dqops" whose host is the server's
address and whose password is the API key.
"""

from datetime import datetime, timedelta

from airflow import DAG
from airflow.operators.bash import BashOperator

with DAG(
    dag_id="data_quality",
    start_date=datetime(2026, 1, 1),
    schedule="15 5 * * *",
    catchup=False,
) as dag:
    gate = BashOperator(
        task_id="gate",
        # The run's id is the same in every try of the task: a try that comes after a
        # worker was lost follows the job of the one before.
        bash_command='dqoctl run-checks --connection shop --key "shop-{{ ts_nodash }}" --adopt --timeout 30m',
        env={
            "DQOCTL_SERVER": "{{ conn.dqops.host }}",
            "DQOCTL_TOKEN": "{{ conn.dqops.password }}",
            "DQOCTL_ON_INTERRUPT": "cancel",
        },
        append_env=True,
        # Airflow skips a task that exits with this code; dqoctl never does, so that
        # no verdict can be taken for a skip.
        skip_on_exit_code=99,
        retries=2,
        retry_delay=timedelta(minutes=5),
        execution_timeout=timedelta(minutes=40),
    )

    load = BashOperator(task_id="load", bash_command="echo load the data")

    gate >> load
