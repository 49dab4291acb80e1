# What the paper lacks: how sure the figures are, and what lies behind them.

COMPARED = {system for pair in CONFIG.comparisons for system in pair}


def question_scores(runs):
    """Scores of single questions of some systems and seeds."""
    return [f"{RESULTS}/systems/{name}/seed-{seed}/scores/questions.parquet" for name, seed in runs]


rule comparisons:
    """Differences between systems with intervals, by paired bootstrap over questions."""
    input:
        question_scores([run for run in RUNS if run[0] in COMPARED]),
    output:
        table="<results>/tables/comparisons.csv",
        markdown=report(
            "<results>/tables/comparisons.md",
            caption="../report/comparisons.rst",
            category="Tables",
            labels={"table": "differences between systems, with intervals"},
        ),
    log:
        "<logs>/comparisons.log",
    benchmark:
        "<benchmarks>/comparisons.tsv"
    params:
        runs=json.dumps([run for run in RUNS if run[0] in COMPARED]),
        pairs=json.dumps(CONFIG.comparisons),
        code=code("comparisons.py"),
    message:
        "compare systems question by question"
    shell:
        "python workflow/scripts/comparisons.py --systems {RESULTS}/systems --runs {params.runs:q}"
        " --pairs {params.pairs:q} --table {output.table} --markdown {output.markdown}"
        " > {log} 2>&1"
