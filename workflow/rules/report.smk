# One page with everything: scores, analyses, run times; and one page to read predictions in.

FIGURES = ["boundaries", "answers", "recovery", "training"]
FIGURES += ["gxlt"] if PAIRED else []
FIGURES += ["teacher_weights"] if TEACHER_SETS else []
FIGURES += ["calibration"] if CALIBRATED else []
# Captions, template and style of the page, shipped with the workflow.
PAGE_FILES = [
    source_file(f"../report/{name}") for name in ("report.css", "report.js", "report.html.j2")
]
PAGE_FILES += [source_file(f"../report/{name}.rst") for name in FIGURES]


rule write_report:
    """A self-contained page with the results of the whole run."""
    input:
        tables=expand("<results>/tables/table{n}.csv", n=TABLES),
        everything="<results>/tables/all.md",
        comparisons=multiext("<results>/tables/comparisons", ".csv", ".md"),
        figures=expand("<results>/figures/{name}.svg", name=FIGURES),
        manifests=MANIFESTS,
    output:
        "<results>/report.html",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(8_000),
        runtime=scaled_by_attempt(60),
        page=str(PAGE_FILES[0].parent),  # their path; their content is in `params`
    params:
        run=json.dumps(
            {
                "name": CONFIG.run,
                "systems": {
                    name: system.model_dump(mode="json", exclude_defaults=True)
                    for name, system in CONFIG.systems.items()
                },
                "seeds": {name: CONFIG.seeds_of(name) for name in CONFIG.systems},
                "languages": CONFIG.languages,
                "same_data_as_paper": CONFIG.same_data_as_paper,
            }
        ),
        tables=TABLES,
        figures=FIGURES,
        page=contents_of(PAGE_FILES),
        code=code_of("write_report.py"),
    message:
        "one page with everything: {output}"
    shell:
        "stage write_report.py --run {params.run:q} --tables {params.tables}"
        " --figures {params.figures} --page {resources.page:q} --manifests {input.manifests:q}"
        " --target {output:q} > {log:q} 2>&1"


EXPLORER_NAMES = ["explorer.html.j2", "explorer.css", "explorer_model.js", "explorer_passage.js"]
EXPLORER_NAMES += ["explorer_view.js"]
EXPLORER_FILES = [source_file(f"../report/{name}") for name in EXPLORER_NAMES]


rule write_explorer:
    """A page to read every question with its passage, its answers, and every prediction."""
    input:
        files=BENCHMARK_FILES,
        scores=question_score_files(RUNS),
    output:
        "<results>/explorer.html",
    log:
        "<logs>/explorer.log",
    benchmark:
        "<benchmarks>/explorer.tsv"
    conda:
        "../../environment.yml"
    threads: 1
    resources:
        mem_mb=scaled_by_attempt(16_000),
        runtime=scaled_by_attempt(60),
        page=str(EXPLORER_FILES[0].parent),  # their path; their content is in `params`
    params:
        results=lambda wildcards, output: str(Path(output[0]).parent),
        run=CONFIG.run,
        cells=json.dumps(BENCHMARK_CELLS),
        runs=json.dumps(RUNS),
        first=(STUDENTS or list(CONFIG.systems))[0],
        page=contents_of(EXPLORER_FILES),
        code=code_of("write_explorer.py"),
    message:
        "every question, its passage and every prediction: {output}"
    shell:
        "stage write_explorer.py --run {params.run:q} --files {input.files:q}"
        " --cells {params.cells:q} --systems {params.results:q}/systems --runs {params.runs:q}"
        " --first {params.first:q} --page {resources.page:q} --target {output:q} > {log:q} 2>&1"
