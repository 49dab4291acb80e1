# The paper's tables, its figures beside ours.

TABLES = [1, 2, 3, 4, 5, 6]


rule tables:
    """Tables 1 to 6, and one of everything."""
    input:
        scores=SCORE_FILES,
        comparisons="<results>/tables/comparisons.csv",
        recovery=expand("<results>/translation/{language}.recovery.json", language=TARGETS),
    output:
        report(
            expand("<results>/tables/table{n}.csv", n=TABLES),
            caption="../report/table.rst",
            category="Tables",
        ),
        expand("<results>/tables/table{n}.{form}", n=TABLES, form=["md", "tex"]),
        expand("<results>/tables/all.{form}", form=["csv", "md", "tex"]),
        summary="<results>/tables/summary.txt",
    log:
        "<logs>/tables.log",
    benchmark:
        "<benchmarks>/tables.tsv"
    threads: 1
    resources:
        mem_mb=growing(8_000),
        runtime=growing(60),
    params:
        runs=json.dumps(RUNS),
        cells=json.dumps(BENCHMARK_CELLS),
        tables=TABLES,
        same_data=json.dumps(CONFIG.same_data_as_paper),
        code=code("tables.py"),
    message:
        "the tables, ours beside the paper"
    shell:
        "python workflow/scripts/tables.py --systems {RESULTS}/systems --runs {params.runs:q}"
        " --cells {params.cells:q} --recovery {input.recovery}"
        " --comparisons {input.comparisons} --tables {params.tables}"
        " --same-data-as-paper {params.same_data} --folder {RESULTS}/tables > {log} 2>&1"
