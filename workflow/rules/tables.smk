# The paper's tables, its figures beside ours.

TABLES = [1, 2, 3, 5]


rule tables:
    input:
        scores=SCORE_FILES,
        recovery=expand(
            "<results>/translation/{language}.recovery.json", language=TARGETS
        ),
    output:
        expand("<results>/tables/table{n}.{form}", n=TABLES, form=["csv", "md", "tex"]),
        all="<results>/tables/all.csv",
        summary="<results>/tables/summary.txt",
    log:
        "<logs>/tables.log",
    benchmark:
        "<benchmarks>/tables.tsv"
    params:
        runs=json.dumps(RUNS),
        cells=json.dumps(BENCHMARK_CELLS),
        tables=TABLES,
        published="--published-figures" if CONFIG.published_figures else "",
        code=code("tables.py"),
    """Tables 1, 2, 3 and 5, and one of everything."""
    message:
        "the tables, ours beside the paper"
    shell:
        "python workflow/scripts/tables.py --systems <results>/systems --runs {params.runs:q}"
        " --cells {params.cells:q} --recovery {input.recovery} --tables {params.tables}"
        " {params.published} --folder <results>/tables > {log} 2>&1"
