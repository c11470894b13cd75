"""The words that help with entering a proposal: verbs that titles of this field begin with, in each language.

English words are in their base form. Vietnamese ones keep their diacritics, which tell words apart. A Chinese verb is
looked for anywhere in a title, since what it is done with stands before it.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for phrase in text.split(","))


ENGLISH_VERBS = _words(
    """
    abolish accelerate accept achieve add address adjust adopt advance agree aim align allocate allow amend announce
    apply appoint approve arrange ask assess assign assist assure attend attract authorize authorise award balance
    ban begin boost bring broaden build call cancel carry cease celebrate change check choose clarify clean clear
    close collaborate combat combine commit complete conclude conduct confer confirm connect conserve consider
    consolidate construct consult continue contribute convene cooperate coordinate create cultivate curb cut decide
    declare deepen define deliver demarcate deploy designate develop direct discuss display dispatch diversify
    donate draft draw dredge drive drop ease elect electrify elevate eliminate employ enable encourage end enforce
    engage enhance enlarge ensure enter equip eradicate establish evaluate examine exchange exclude execute exempt
    expand expedite explore export extend facilitate fight finalize finalise finance find finish fix focus follow
    form formulate foster fulfil fulfill fund further gather give go grant guarantee guide hand harmonize harmonise
    have heed help hold honour honor host identify implement import impose improve include increase inform initiate
    install institute integrate intensify introduce invest investigate invite issue join keep launch lay lead learn
    leave let license lift limit link list lower maintain make manage mark match meet mobilize mobilise modernize
    modernise monitor move multiply negotiate nominate notify observe offer open operate optimize optimise order
    organize organise oversee participate pave pay permit pilot place plan plant post prepare prepay preserve press
    prevent prioritize prioritise process procure produce prohibit promote propose protect provide publish purchase
    pursue push put raise ratify reach realize realise receive recognize recognise recommend recruit reduce regulate
    reinforce release remind remove renew reopen repair repatriate replace report request require research resettle
    resolve respect respond restart restore restrict resume retain return review revise revive ride run safeguard
    schedule secure select sell send set settle share shorten show sign simplify solve speed stabilize stabilise
    stage standardize standardise start step stop streamline strengthen study submit subsidize support suppress
    survey suspend sustain switch tackle take teach test tighten track trade train transfer translate transport
    treat try turn twin understand unify unite update upgrade uphold urge use utilize utilise value verify visit
    waive welcome widen withdraw work write
    """
)

# Of these, words that are as often nouns or adjectives: “trade and transport”, “power and clean energy”
NOUNS_TOO = _words(
    """
    clean clear close complete direct further lower open secure separate
    address advance aim approach award balance ban boost call change check conduct contact cut deal design display
    draft drive end exchange experience export finance find focus form fund guide hand help host import increase
    input issue lead link list mark market match measure move offer order permit pilot place plan plant post press
    process produce project promise purchase push raise reach release report request research respect return review
    run schedule share show sign stage start step stop study support survey switch tackle test trade train transfer
    transport travel treat turn twin update upgrade use value visit work
    """
)

DETERMINERS = _words(
    """
    a all an any both each every its more new no one our some such that the their these this those
    """
)

# Endings of words that name a deed instead of doing it: “opening”, “construction”, “development”
NAMES_OF_DEEDS = ("ing", "tion", "sion", "ment", "ness", "ity", "ance", "ence", "ship", "ism", "als")

VIETNAMESE_VERBS = _phrases(
    """
    mở, mở rộng, mở lại, nâng, nâng cấp, nâng cao, xây, xây dựng, xây mới, tổ chức, thực hiện, triển khai, ký,
    ký kết, thành lập, thiết lập, lập, hợp tác, phối hợp, tăng, tăng cường, thúc đẩy, đẩy mạnh, đẩy nhanh, duy trì,
    tiếp tục, khôi phục, nối lại, kết nối, phát triển, phát huy, hoàn thành, hoàn thiện, hoàn tất, khởi công,
    khánh thành, công bố, ban hành, phê duyệt, thông qua, đề nghị, đề xuất, xin, xin phép, mời, cử, đưa, cấp, hỗ trợ,
    giúp, tạo, tạo điều kiện, tạo thuận lợi, làm, làm sâu sắc, củng cố, cải thiện, cải cách, đơn giản hóa, rút ngắn,
    giảm, quản lý, bảo vệ, bảo đảm, đảm bảo, phòng, phòng chống, chống, ngăn chặn, kiểm soát, giải quyết, xử lý,
    trao đổi, trao, chia sẻ, cung cấp, đào tạo, bồi dưỡng, dạy, nghiên cứu, khảo sát, thí điểm, thử nghiệm, vận hành,
    khai thác, khai trương, đầu tư, nhập khẩu, xuất khẩu, mua, bán, quảng bá, xúc tiến, thu hút, kỷ niệm, đi đầu,
    coi trọng, ủng hộ, tham gia, gặp, gặp gỡ, họp, thăm, thống nhất, xem xét, rà soát, sửa đổi, bổ sung, điều chỉnh,
    gia hạn, cho phép, công nhận, chuyển, lắp đặt, trồng, nạo vét, cắm mốc, phân giới, đàm phán, thảo luận, giữ,
    giữ vững, tuần tra, bàn giao, tiếp nhận, dành, áp dụng, sử dụng, số hóa, hiện đại hóa
    """
)

# Of these, verbs of deeds that stand for themselves: a second one behind “and” is a second action
VIETNAMESE_DEEDS = _phrases(
    """
    mở, nâng cấp, xây dựng, tổ chức, ký, ký kết, thành lập, khởi công, khánh thành, công bố, ban hành, hoàn thành,
    khôi phục, đề nghị, cấp, mời, triển khai, thực hiện, bàn giao, lắp đặt
    """
)

# What a title begins with that names a thing or a deed instead of doing it
VIETNAMESE_NAMING = _phrases(
    """
    việc, sự, công tác, dự án, cửa khẩu, tuyến, tuyến đường, cặp cửa khẩu, hoạt động, vấn đề, chương trình
    """
)

VIETNAMESE_JOINING = (" và ", ", ", "; ", " rồi ", " đồng thời ")

CHINESE_VERBS = _phrases(
    """
    开放, 开通, 开展, 开设, 建设, 建立, 建成, 修建, 新建, 共建, 举办, 举行, 召开, 签署, 签订, 落实, 实施, 执行, 推动,
    推进, 促进, 加强, 加快, 深化, 扩大, 拓展, 提升, 提高, 改善, 完善, 升级, 恢复, 保持, 维护, 维持, 继续, 发展, 发挥,
    便利, 简化, 缩短, 减少, 降低, 增加, 支持, 帮助, 提供, 派遣, 邀请, 培训, 培养, 交流, 合作, 协调, 配合, 管理, 保护,
    打击, 防范, 防治, 研究, 试点, 运营, 用好, 打造, 设立, 成立, 批准, 报请, 公布, 发布, 纪念, 重视, 投资, 进口, 出口,
    采购, 推介, 吸引, 参加, 参与, 互访, 会晤, 会见, 磋商, 谈判, 修订, 延长, 给予, 授予, 承认, 解决, 处理, 制定, 编制,
    完成, 启动, 动工, 连接, 联通, 运用, 使用, 安装, 种植, 勘界, 巡逻, 移交, 接收, 创建, 确保, 保障, 优化, 放宽, 取消,
    设置, 增设, 共享, 分享, 率先, 抗击
    """
)

CHINESE_JOINING = ("并", "，", "；", "以及", "同时")

# Words that say nothing about which proposal it is, folded
COMMON_WORDS = _words(
    """
    a an and as at between both by for from in into its of on or the their to under up with va voi cac giua cua cho
    tai ve o trong la duoc nhung den
    """
)
