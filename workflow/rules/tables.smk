# The paper's tables, its scores next to ours.

TABLES = [1, 2, 3, 4, 5, 6]
PAPER_TABLES = Path(lbmrc.__file__).parent / "report/paper_tables.csv"


rule tabulate_scores:
    """Tables 1 to 6, and one table of all scores."""
    input:
        scores=SCORE_FILES,
        comparisons="<results>/tables/comparisons.csv",
        recovery=expand("<results>/translation/{language}.recovery.json", language=TARGETS),
        manifests=MANIFESTS,
    output:
        report(
            expand("<results>/tables/table{n}.csv", n=TABLES),
            caption="../report/table.rst",
            category="Tables",
        ),
        expand("<results>/tables/table{n}.{form}", n=TABLES, form=["md", "tex"]),
        expand("<results>/tables/all.{form}", form=["csv", "md", "tex"]),
        every="<results>/tables/tables.txt",
        summary="<results>/tables/summary.txt",
    log:
        "<logs>/tables.log",
    benchmark:
        "<benchmarks>/tables.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(60),
    params:
        results=results_folder,
        runs=json.dumps(RUNS),
        cells=json.dumps(BENCHMARK_CELLS),
        tables=TABLES,
        same_data=json.dumps(CONFIG.same_data_as_paper),
        # Identified by content: its path depends on where the library is installed.
        paper=contents_of([PAPER_TABLES]),
        code=code_of("tabulate_scores.py"),
    message:
        "the tables, ours beside the paper"
    shell:
        "stage tabulate_scores.py --systems {params.results:q}/systems --runs {params.runs:q}"
        " --cells {params.cells:q} --recovery {input.recovery:q}"
        " --comparisons {input.comparisons:q} --tables {params.tables}"
        " --same-data-as-paper {params.same_data} --manifests {input.manifests:q}"
        " --folder {params.results:q}/tables > {log:q} 2>&1"
