"""Vietnamese: how facts are stated and asked (the notation is explained in `en`)."""

# ruff: noqa: E501 (a phrase or a row stays on one line)

STATEMENTS = {
    "person.birth_date": (
        "{x} <r:sinh> {birth_date}.",
        "<r:Ngày sinh> của {x}: {birth_date}",
    ),
    "person.birth_place": (
        "{x} <r:sinh ra> ở <n:thành phố> {birth_place}.",
        "{birth_place} là <n:thành phố> nơi {x} <r:sinh ra>.",
    ),
    "person.birth_place+birth_date": (
        "{x} <r:sinh ra> ở <n:thành phố> {birth_place} vào {birth_date}.",
    ),
    "person.occupation": (
        "<r:Nghề nghiệp> của {x} là {occupation}.",
        "<r:Nghề nghiệp> của {x}: {occupation}",
    ),
    "person.award": (
        "{x} đã <r:giành> <n:giải thưởng> {award}.",
        "{award} là <n:giải thưởng> mà {x} đã <r:giành> được.",
    ),
    "person.work": (
        "{x} đã <r:viết> cuốn <n:sách> “{work}”.",
        "“{work}” là cuốn <n:sách> nổi tiếng nhất mà {x} đã <r:viết>.",
    ),
    "person.residence": (
        "{x} đã <r:sống> nhiều năm ở <n:thành phố> {residence}.",
        "{residence} là <n:thành phố> nơi {x} đã <r:sống> nhiều năm.",
    ),
    "person.birth_date+occupation": (
        "{x} (<m:sinh> {birth_date}) có <r:nghề nghiệp> là {occupation}.",
    ),
    "city.founded": (
        "<n:Thành phố> {x} được <r:thành lập> năm {founded}.",
        "{founded} là năm <n:thành phố> {x} được <r:thành lập>.",
    ),
    "city.population": (
        "<r:Dân số> của <n:thành phố> {x} là {population}.",
        "<r:Dân số> của <n:thành phố> {x}: {population}",
    ),
    "city.river": (
        "<n:Thành phố> {x} <r:nằm> bên <m:sông> {river}.",
        "<m:Sông> {river} <r:chảy> qua <n:thành phố> {x}.",
    ),
    "city.mayor": (
        "<r:Thị trưởng> của <n:thành phố> {x} là {mayor}.",
        "{mayor} là <r:thị trưởng> của <n:thành phố> {x}.",
    ),
    "city.product": (
        "<n:Thành phố> {x} chủ yếu <r:sản xuất> {product}.",
        "<r:Sản phẩm chính> của <n:thành phố> {x}: {product}",
    ),
    "city.founded+river": (
        "<n:Thành phố> {x}, được <r:thành lập> năm {founded}, <l:nằm> bên <m:sông> {river}.",
    ),
    "novel.author": (
        "<n:Tiểu thuyết> “{x}” do {author} <r:viết>.",
        "{author} là <r:tác giả> của <n:tiểu thuyết> “{x}”.",
    ),
    "novel.year": (
        "<n:Tiểu thuyết> “{x}” được <r:xuất bản> năm {year}.",
        "{year} là năm <n:tiểu thuyết> “{x}” được <r:xuất bản>.",
    ),
    "novel.author+year": (
        "Năm {year}, {author} <r:xuất bản> <n:tiểu thuyết> “{x}”.",
        "<n:Tiểu thuyết> “{x}” ({year}) do {author} <r:viết>.",
    ),
    "novel.pages": (
        "<n:Tiểu thuyết> “{x}” có {pages} <r:trang>.",
        "Số <r:trang> của <n:tiểu thuyết> “{x}”: {pages}",
    ),
    "novel.topic": (
        "<r:Chủ đề> của <n:tiểu thuyết> “{x}” là {topic}.",
        "<r:Chủ đề> của <n:tiểu thuyết> “{x}”: {topic}",
    ),
    "novel.setting": (
        "Câu chuyện của <n:tiểu thuyết> “{x}” <r:diễn ra> ở <m:thành phố> {setting}.",
        "{setting} là <m:thành phố> nơi <n:tiểu thuyết> “{x}” <r:diễn ra>.",
    ),
    "company.founded": (
        "<n:Công ty> {x} được <r:thành lập> năm {founded}.",
        "{founded} là năm <n:công ty> {x} được <r:thành lập>.",
    ),
    "company.founder": (
        "<n:Công ty> {x} do {founder} <r:thành lập>.",
        "{founder} là <r:người sáng lập> <n:công ty> {x}.",
    ),
    "company.founder+founded": ("Năm {founded}, {founder} <r:thành lập> <n:công ty> {x}.",),
    "company.seat": (
        "<r:Trụ sở chính> của <n:công ty> {x} nằm ở <m:thành phố> {seat}.",
        "<r:Trụ sở chính> của <n:công ty> {x}: {seat}",
    ),
    "company.product": (
        "<n:Công ty> {x} <r:sản xuất> {product}.",
        "<r:Sản phẩm> của <n:công ty> {x}: {product}",
    ),
    "company.employees": (
        "Số <r:nhân viên> của <n:công ty> {x} là {employees}.",
        "Số <r:nhân viên> của <n:công ty> {x}: {employees}",
        "Có {employees} người <r:làm việc> cho <n:công ty> {x}.",
    ),
    "company.motto": (
        "<r:Khẩu hiệu> của <n:công ty> {x} là {motto}.",
        "{motto} là <r:khẩu hiệu> của <n:công ty> {x}.",
    ),
    "company.founded+seat": (
        "<n:Công ty> {x}, được <r:thành lập> năm {founded}, có <l:trụ sở chính> ở <m:thành phố> {seat}.",
    ),
    "tournament.date": (
        "<n:Giải đấu> {x} <r:diễn ra> {date}.",
        "<r:Ngày> diễn ra <n:giải đấu> {x}: {date}",
    ),
    "tournament.place": (
        "<n:Giải đấu> {x} <r:diễn ra> ở <m:thành phố> {place}.",
        "{place} là <m:thành phố> nơi <n:giải đấu> {x} <r:diễn ra>.",
    ),
    "tournament.place+date": ("Vào {date}, <n:giải đấu> {x} <r:diễn ra> ở <m:thành phố> {place}.",),
    "tournament.winner": (
        "<r:Người chiến thắng> <n:giải đấu> {x} là {winner}.",
        "{winner} đã <r:chiến thắng> ở <n:giải đấu> {x}.",
    ),
    "tournament.prize": (
        "<r:Tiền thưởng> của <n:giải đấu> {x} là {prize}.",
        "<r:Tiền thưởng> của <n:giải đấu> {x}: {prize}",
    ),
    "bridge.opened": (
        "<n:Cầu> {x} được <r:khánh thành> năm {opened}.",
        "{opened} là năm <n:cầu> {x} được <r:khánh thành>.",
    ),
    "bridge.length": (
        "<r:Chiều dài> của <n:cầu> {x} là {length}.",
        "<r:Chiều dài> của <n:cầu> {x}: {length}",
    ),
    "bridge.architect": (
        "<n:Cầu> {x} do {architect} <r:thiết kế>.",
        "{architect} là <r:kiến trúc sư> của <n:cầu> {x}.",
    ),
    "bridge.architect+opened": (
        "<n:Cầu> {x}, do {architect} <r:thiết kế>, được <m:khánh thành> năm {opened}.",
    ),
    "bridge.river": (
        "<n:Cầu> {x} <r:bắc qua> <m:sông> {river}.",
        "<m:Sông> {river} <r:chảy> dưới <n:cầu> {x}.",
    ),
    "bridge.material": (
        "<n:Cầu> {x} được <r:làm> bằng {material}.",
        "<r:Vật liệu> của <n:cầu> {x}: {material}",
    ),
}

QUESTIONS = {
    "person.birth_date": (
        "{x} <r:sinh> <q:khi nào>?",
        "{x} <r:sinh> <q:vào ngày nào>?",
        "<r:Ngày sinh> của {x} là <q:ngày nào>?",
    ),
    "person.birth_place": (
        "{x} <r:sinh ra> <q:ở đâu>?",
        "{x} <r:sinh ra> ở <n:thành phố> <q:nào>?",
    ),
    "person.occupation": (
        "<r:Nghề nghiệp> của {x} là <q:gì>?",
        "{x} làm <r:nghề> <q:gì>?",
    ),
    "person.award": (
        "{x} đã <r:giành> <n:giải thưởng> <q:nào>?",
        "<n:Giải thưởng> mà {x} đã <r:giành> được tên là <q:gì>?",
    ),
    "person.work": (
        "{x} đã <r:viết> cuốn <n:sách> <q:nào>?",
        "Cuốn <n:sách> mà {x} đã <r:viết> có tên là <q:gì>?",
    ),
    "person.residence": (
        "{x} đã <r:sống> <q:ở đâu>?",
        "{x} đã <r:sống> nhiều năm ở <n:thành phố> <q:nào>?",
    ),
    "city.founded": (
        "<n:Thành phố> {x} được <r:thành lập> <q:khi nào>?",
        "<n:Thành phố> {x} được <r:thành lập> <q:vào năm nào>?",
    ),
    "city.population": (
        "<r:Dân số> của <n:thành phố> {x} là <q:bao nhiêu>?",
        "Có <q:bao nhiêu> người <r:sống> ở <n:thành phố> {x}?",
    ),
    "city.river": (
        "<n:Thành phố> {x} <r:nằm> bên <m:sông> <q:nào>?",
        "<m:Sông> ở <n:thành phố> {x} tên là <q:gì>?",
    ),
    "city.mayor": (
        "<q:Ai> là <r:thị trưởng> của <n:thành phố> {x}?",
        "<r:Thị trưởng> của <n:thành phố> {x} tên là <q:gì>?",
    ),
    "city.product": (
        "<r:Sản phẩm chính> của <n:thành phố> {x} là <q:gì>?",
        "<n:Thành phố> {x} chủ yếu <r:sản xuất> <q:gì>?",
    ),
    "novel.author": (
        "<q:Ai> đã <r:viết> <n:tiểu thuyết> “{x}”?",
        "<q:Ai> là <r:tác giả> của <n:tiểu thuyết> “{x}”?",
    ),
    "novel.year": (
        "<n:Tiểu thuyết> “{x}” được <r:xuất bản> <q:khi nào>?",
        "<n:Tiểu thuyết> “{x}” được <r:xuất bản> <q:vào năm nào>?",
    ),
    "novel.pages": (
        "<n:Tiểu thuyết> “{x}” có <q:bao nhiêu> <r:trang>?",
        "Số <r:trang> của <n:tiểu thuyết> “{x}” là <q:bao nhiêu>?",
    ),
    "novel.topic": (
        "<r:Chủ đề> của <n:tiểu thuyết> “{x}” là <q:gì>?",
        "<n:Tiểu thuyết> “{x}” <r:nói về> điều <q:gì>?",
    ),
    "novel.setting": (
        "Câu chuyện của <n:tiểu thuyết> “{x}” <r:diễn ra> <q:ở đâu>?",
        "<n:Tiểu thuyết> “{x}” <r:diễn ra> ở <m:thành phố> <q:nào>?",
    ),
    "company.founded": (
        "<n:Công ty> {x} được <r:thành lập> <q:khi nào>?",
        "<n:Công ty> {x} được <r:thành lập> <q:vào năm nào>?",
    ),
    "company.founder": (
        "<q:Ai> đã <r:thành lập> <n:công ty> {x}?",
        "<q:Ai> là <r:người sáng lập> <n:công ty> {x}?",
    ),
    "company.seat": (
        "<r:Trụ sở chính> của <n:công ty> {x} nằm <q:ở đâu>?",
        "<r:Trụ sở chính> của <n:công ty> {x} nằm ở <m:thành phố> <q:nào>?",
    ),
    "company.product": (
        "<n:Công ty> {x} <r:sản xuất> <q:gì>?",
        "<r:Sản phẩm> của <n:công ty> {x} là <q:gì>?",
    ),
    "company.employees": (
        "<n:Công ty> {x} có <q:bao nhiêu> <r:nhân viên>?",
        "Số <r:nhân viên> của <n:công ty> {x} là <q:bao nhiêu>?",
    ),
    "company.motto": (
        "<r:Khẩu hiệu> của <n:công ty> {x} là <q:gì>?",
        "<n:Công ty> {x} có <r:khẩu hiệu> <q:gì>?",
    ),
    "tournament.date": (
        "<n:Giải đấu> {x} <r:diễn ra> <q:khi nào>?",
        "<n:Giải đấu> {x} <r:diễn ra> <q:vào ngày nào>?",
    ),
    "tournament.place": (
        "<n:Giải đấu> {x} <r:diễn ra> <q:ở đâu>?",
        "<n:Giải đấu> {x} <r:diễn ra> ở <m:thành phố> <q:nào>?",
    ),
    "tournament.winner": (
        "<q:Ai> đã <r:chiến thắng> ở <n:giải đấu> {x}?",
        "<q:Ai> là <r:người chiến thắng> <n:giải đấu> {x}?",
    ),
    "tournament.prize": (
        "<r:Tiền thưởng> của <n:giải đấu> {x} là <q:bao nhiêu>?",
        "<n:Giải đấu> {x} có <r:tiền thưởng> <q:bao nhiêu> euro?",
    ),
    "bridge.opened": (
        "<n:Cầu> {x} được <r:khánh thành> <q:khi nào>?",
        "<n:Cầu> {x} được <r:khánh thành> <q:vào năm nào>?",
    ),
    "bridge.length": (
        "<n:Cầu> {x} <r:dài> <q:bao nhiêu>?",
        "<r:Chiều dài> của <n:cầu> {x} là <q:bao nhiêu>?",
    ),
    "bridge.architect": (
        "<q:Ai> đã <r:thiết kế> <n:cầu> {x}?",
        "<q:Ai> là <r:kiến trúc sư> của <n:cầu> {x}?",
    ),
    "bridge.river": (
        "<n:Cầu> {x} <r:bắc qua> <m:sông> <q:nào>?",
        "<m:Sông> chảy dưới <n:cầu> {x} tên là <q:gì>?",
    ),
    "bridge.material": (
        "<n:Cầu> {x} được <r:làm> bằng <q:gì>?",
        "<r:Vật liệu> của <n:cầu> {x} là <q:gì>?",
    ),
}
