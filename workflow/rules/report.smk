# One page with everything: what was measured, what lies behind it, what it took.

FIGURES = ["boundaries", "answers", "recovery", "training"]
FIGURES += ["gxlt"] if PAIRED else []
FIGURES += ["teacher_weights"] if TEACHER_SETS else []
MANIFESTS = [
    f"{RESULTS}/systems/{name}/seed-{seed}/{manifest}"
    for name, seed in RUNS
    for manifest in ("manifest.json", "predictions.manifest.json")
]


rule report:
    """A page that holds the whole run and needs nothing else."""
    input:
        tables=expand("<results>/tables/table{n}.csv", n=TABLES),
        everything="<results>/tables/all.md",
        comparisons=multiext("<results>/tables/comparisons", ".csv", ".md"),
        figures=expand("<results>/figures/{name}.svg", name=FIGURES),
        manifests=MANIFESTS,
        captions=expand("workflow/report/{name}.rst", name=FIGURES),
        template="workflow/report/report.html.j2",
        style="workflow/report/report.css",
    output:
        "<results>/report.html",
    log:
        "<logs>/report.log",
    benchmark:
        "<benchmarks>/report.tsv"
    threads: 1
    resources:
        mem_mb=growing(8_000),
        runtime=growing(60),
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
        code=code("report.py"),
    message:
        "one page with everything: {output}"
    shell:
        "python workflow/scripts/report.py --run {params.run:q} --folder {RESULTS}"
        " --tables {params.tables} --captions {input.captions} --manifests {input.manifests}"
        " --template {input.template} --style {input.style} --target {output} > {log} 2>&1"
